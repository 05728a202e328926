package wire_test

import (
	"fmt"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// A backend answers an error with a problem whose type ends in the code.
func ExampleNewProblem() {
	problem := wire.NewProblem(fault.New(fault.OutOfOffers, "backend.Accept",
		"campaign spring has issued all of its 500 offers"))
	fmt.Println(problem.Status, problem.Type)
	fmt.Println(problem.Code(), problem.Detail)
	// Output:
	// 409 https://offlane.example/problems/out-of-offers
	// out-of-offers campaign spring has issued all of its 500 offers
}

package wire_test

import (
	"fmt"
	"os"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// A backend answers an error with a problem whose type ends in the code.
func ExampleNewProblem() {
	problem := wire.NewProblem(fault.New(fault.OutOfOffers, "backend.Accept", "campaign spring has issued all of its 500 offers"))
	wire.Write(os.Stdout, problem)
	fmt.Println(problem.Code())
	// Output:
	// {"type":"https://offlane.example/problems/out-of-offers","title":"out of offers","status":409,"detail":"campaign spring has issued all of its 500 offers"}
	// out-of-offers
}

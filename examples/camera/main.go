// Camera serves a page on loopback that shows the browser's camera, sends its frames to the scanner, and draws corners
// and text over the picture. What is held up is listed once, however long it is held, and said in words: whether it is
// an offer, whose, genuine or not, and until when it is valid. The page can switch formats off.
//
//	camera [-listen 127.0.0.1:8090] [-formats list] [-keys keys.json]
//
// Without the keys of issuers, a JSON list of offer.Key, nobody can tell what is genuine.
//
// The frames stay on this machine: the address must be of loopback, and the page talks to nobody else. Interrupt ends
// it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/offer"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0 after an interrupt, 1 where it could not serve, 2 for wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("camera", flag.ContinueOnError)
	flags.SetOutput(stderr)
	address := flags.String("listen", "127.0.0.1:8090", "address of loopback; port 0 takes a free one")
	list := flags.String("formats", "", "formats to read, with commas (all when empty)")
	keyFile := flags.String("keys", "", "file with the keys of issuers, a JSON list")
	if flags.Parse(args) != nil {
		return 2
	}
	formats, err := parseFormats(*list)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected %q", flags.Arg(0))
	}
	if err == nil {
		err = checkLoopback(*address)
	}
	var keys offer.Keys
	if err == nil {
		keys, err = readKeys(*keyFile)
	}
	if err != nil {
		fmt.Fprintln(stderr, "camera:", err)
		return 2
	}
	if err := serve(ctx, *address, newServer(formats, teller{keys: keys}), stdout); err != nil {
		fmt.Fprintln(stderr, "camera:", err)
		return 1
	}
	return 0
}

func parseFormats(list string) (formats []barcode.Format, err error) {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		f, err := barcode.ParseFormat(name)
		if err != nil {
			return nil, err
		}
		formats = append(formats, f)
	}
	return formats, nil
}

// checkLoopback refuses what others could reach: a browser gives the camera to a page of localhost without TLS, to no
// other.
func checkLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if !isLoopback(host) {
		return fmt.Errorf("%s is not loopback; listen on 127.0.0.1 or [::1]", address)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// serve ends when ctx does, after the requests under way have ended.
func serve(ctx context.Context, address string, handler http.Handler, stdout io.Writer) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The camera's page is at http://%s/ (interrupt to stop)\n", listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err = server.Shutdown(grace)
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows/svc"
)

// serviceName is how the daemon is registered: sc.exe create tilld binPath= "C:\...\tilld.exe -config C:\...\till.json"
const serviceName = "tilld"

// runAsService runs the daemon where the service manager of Windows started it.
func runAsService(args []string) (ran bool, status int) {
	is, err := svc.IsWindowsService()
	if err != nil || !is {
		return false, 0
	}
	s := &service{args: args}
	if err := svc.Run(serviceName, s); err != nil {
		return true, 1
	}
	return true, s.status
}

// A service is the daemon under the service manager.
type service struct {
	args   []string
	status int
}

// Execute runs until the manager says stop, or the daemon ends by itself.
func (s *service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	status <- svc.Status{State: svc.StartPending}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan int, 1)
	go func() {
		log := logFile()
		defer log.Close()
		ended <- run(ctx, s.args, os.Stdin, log, log)
	}()
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case s.status = <-ended:
			return s.status != 0, uint32(s.status)
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				status <- request.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending}
				stop()
			}
		}
	}
}

// logFile is where a service writes its log, beside the program; where it cannot be written, nowhere.
func logFile() io.WriteCloser {
	program, err := os.Executable()
	if err == nil {
		name := filepath.Join(filepath.Dir(program), "tilld.log")
		if file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
			return file
		}
	}
	return nowhere{}
}

type nowhere struct{}

// Write drops what is written.
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

// Close does nothing.
func (nowhere) Close() error { return nil }

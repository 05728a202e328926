package main

import (
	"golang.org/x/sys/windows"
)

// owners lets the owner, administrators and the system in, and nobody by inheritance.
const owners = "D:P(A;;FA;;;OW)(A;;FA;;;BA)(A;;FA;;;SY)"

// restrict sets who can read a file: mode bits say nothing here.
func restrict(name string) error {
	descriptor, err := windows.SecurityDescriptorFromString(owners)
	if err != nil {
		return err
	}
	list, _, err := descriptor.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(name, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}

// checkPrivate asks nothing: whoever lets the till's user read the token changes its list on purpose.
func checkPrivate(string) error { return nil }

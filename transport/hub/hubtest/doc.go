// Package hubtest shows whether a hub of a store, in whatever language it is written, keeps the contract between lanes
// and hub (openapi.yaml of package hub). Only TLS and HTTP are spoken with it. Nothing here is for a store at work.
package hubtest

package hub

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// certificate signs a certificate for a key with itself. What stands in it beside the key means nothing.
func certificate(key crypto.Signer) (*tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "offlane"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280, 4.1.2.5
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fault.New(fault.Internal, "hub", "making the certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, nil
}

// peerKey returns the key of the certificate that the other side showed and proved to have; nil: it showed none.
func peerKey(state *tls.ConnectionState) ed25519.PublicKey {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	key, _ := state.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
	return key
}

// config is what both sides share.
func tlsConfig(key crypto.Signer, known func(ed25519.PublicKey) bool) (*tls.Config, error) {
	own, err := certificate(key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{"http/1.1"}, Certificates: []tls.Certificate{*own},
		SessionTicketsDisabled: true,
		VerifyConnection: func(state tls.ConnectionState) error {
			if key := peerKey(&state); key == nil || !known(key) {
				return fault.New(fault.TLS, "hub", "the other side's key is not one of this store")
			}
			return nil
		},
	}, nil
}

// serverTLS takes the lanes' keys alone.
func serverTLS(key crypto.Signer, lanes func() []record.HubPeer) (*tls.Config, error) {
	config, err := tlsConfig(key, func(key ed25519.PublicKey) bool { return laneOf(lanes(), key) != nil })
	if err != nil {
		return nil, err
	}
	config.ClientAuth = tls.RequireAnyClientCert // VerifyConnection holds it to the lanes' keys
	return config, nil
}

// clientTLS takes the hosts' keys alone.
func clientTLS(key crypto.Signer, hosts func() []ed25519.PublicKey) (*tls.Config, error) {
	config, err := tlsConfig(key, func(key ed25519.PublicKey) bool {
		return slices.ContainsFunc(hosts(), func(host ed25519.PublicKey) bool { return host.Equal(key) })
	})
	if err != nil {
		return nil, err
	}
	config.InsecureSkipVerify = true // VerifyConnection holds the certificate to the hosts' keys
	return config, nil
}

// laneOf finds the lane with a key; nil: there is none.
func laneOf(lanes []record.HubPeer, key ed25519.PublicKey) *record.HubPeer {
	for i := range lanes {
		if len(key) > 0 && lanes[i].Key.Equal(key) {
			return &lanes[i]
		}
	}
	return nil
}

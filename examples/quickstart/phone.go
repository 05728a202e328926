package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/cookiejar"

	"github.com/offlane/offlane/transport/wire"
)

// A phone is the customer's device: all that it keeps are the cookies that the backend sets.
type phone struct {
	base string
	http *http.Client
}

func newPhone(base string) (*phone, error) {
	jar, err := cookiejar.New(nil)
	return &phone{base: base, http: &http.Client{Jar: jar}}, err
}

// accept takes an offer of a campaign.
func (p *phone) accept(ctx context.Context, campaign string) (offer wire.DeviceOffer, err error) {
	err = p.exchange(ctx, http.MethodPost, wire.PathDeviceOffers, wire.Accept{Campaign: campaign}, &offer)
	return offer, err
}

// show fetches the pass of an offer as the picture that the phone shows.
func (p *phone) show(ctx context.Context, offer wire.DeviceOffer) (image.Image, error) {
	body, err := p.request(ctx, http.MethodGet, wire.PathDeviceOffers+"/"+offer.Name+"/pass.png", nil)
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(body))
}

// visit comes back online and asks what there is for this device.
func (p *phone) visit(ctx context.Context) (visit wire.Visit, err error) {
	err = p.exchange(ctx, http.MethodGet, wire.PathDeviceVisit, nil, &visit)
	return visit, err
}

func (p *phone) exchange(ctx context.Context, method, path string, question, answer any) error {
	body, err := p.request(ctx, method, path, question)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(body, answer)
}

func (p *phone) request(ctx context.Context, method, path string, question any) ([]byte, error) {
	var body io.Reader
	if question != nil {
		raw, err := json.Marshal(question)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", wire.RequestType)
	response, err := p.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, wire.MaxBody))
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	return answer, err
}

// consent is the customer's word that answers may be personal.
func (p *phone) consent(ctx context.Context) error {
	return p.exchange(ctx, http.MethodPut, wire.PathConsent, wire.Consent{Personal: true}, nil)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/examples/internal/till"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// A story is everything that takes part.
type story struct {
	*teller
	shop  *shop
	line  *transporttest.Line
	phone *phone
	till  till.Options
	child *child

	offers  []wire.DeviceOffer // accepted: the first is redeemed at leisure, the second right before the kill
	scanned []string           // what the camera read
	record  []record.ID        // the redemptions
}

// tell runs the story from the first step to the last; the first step that does not hold ends it.
func tell(ctx context.Context, dir string, t *teller) error {
	s := &story{teller: t}
	defer s.end()
	if err := s.set(ctx, dir); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		s.enrol, s.accept, s.scan, s.cut, s.redeem, s.refuse, s.kill, s.reopen, s.report, s.answer,
	} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("step %d: %w", s.step+1, err)
		}
	}
	fmt.Fprintln(t.out, "The main job runs: accepted, scanned, redeemed offline, survived, reported, recognised, "+
		"answered.")
	return nil
}

// set puts up the backend, the cable and the phone.
func (s *story) set(ctx context.Context, dir string) (err error) {
	if s.shop, err = openShop(ctx, dir); err != nil {
		return err
	}
	code, err := s.shop.prepare(ctx)
	if err != nil {
		return err
	}
	if s.line, err = transporttest.NewLine(strings.TrimPrefix(s.shop.public, "http://")); err != nil {
		return err
	}
	if s.phone, err = newPhone(s.shop.public); err != nil {
		return err
	}
	s.till = till.Options{Dir: filepath.Join(dir, "till"), Backend: s.line.URL(), Code: code,
		Place: record.Place{Lane: "7"}}
	s.did("The backend listens on loopback; campaigns %q and %q are open.", campaign, followUp)
	return nil
}

func (s *story) end() {
	if s.child != nil {
		s.child.kill()
	}
	if s.line != nil {
		s.line.Close()
	}
	if s.shop != nil {
		s.shop.close()
	}
}

func (s *story) enrol(ctx context.Context) (err error) {
	if s.child, err = start(ctx, s.till); err != nil {
		return err
	}
	if _, err = s.child.do(till.Command{Do: "report"}); err != nil {
		return err
	}
	reply, err := s.child.do(till.Command{Do: "status"})
	if err != nil {
		return err
	}
	if st := reply.Status; !st.Enrolled || st.Bundle == 0 || !st.ClockTrusted {
		return fmt.Errorf("the till is not ready to work alone: %+v", *st)
	}
	s.did("A till in a process of its own enrolled as lane %s of %s and fetched the trust bundle.", s.till.Place.Lane,
		storeName)
	return nil
}

func (s *story) accept(ctx context.Context) error {
	for range 2 {
		offer, err := s.phone.accept(ctx, campaign)
		if err != nil {
			return err
		}
		s.offers = append(s.offers, offer)
	}
	if err := s.phone.consent(ctx); err != nil {
		return err
	}
	s.did("A phone accepted two offers; the backend set their identifiers on it by cookie.")
	return nil
}

// scan photographs the pictures that the phone shows, and reads them.
func (s *story) scan(ctx context.Context) error {
	scanner := new(barcode.Scanner)
	for i, offer := range s.offers {
		picture, err := s.phone.show(ctx, offer)
		if err != nil {
			return err
		}
		symbols, err := scanner.Scan(ctx, photograph(picture, uint64(i+1)))
		if err != nil {
			return err
		}
		if len(symbols) != 1 || symbols[0].Text != offer.Pass {
			return fmt.Errorf("the camera's picture of offer %d was not read: %d symbols", i+1, len(symbols))
		}
		s.scanned = append(s.scanned, symbols[0].Transmitted())
	}
	s.did("A camera read both QR codes off the screen: tilted, out of focus, noisy, under uneven light.")
	return nil
}

func (s *story) cut(context.Context) error {
	s.line.Cut()
	if _, err := s.child.do(till.Command{Do: "report"}); err == nil {
		return errors.New("the network is cut, but the till reached the backend")
	}
	s.did("The till's network is cut.")
	return nil
}

// try redeems what was scanned in a sale of one coffee.
func (s *story) try(scanned, sale string) (redeem.Decision, error) {
	coffee := terms.Sale{Currency: "EUR", Lines: []terms.Line{{ID: "1", Quantity: terms.Items(1), Amount: 350}}}
	reply, err := s.child.do(till.Command{Do: "redeem", Scanned: scanned, SaleKey: sale, Sale: coffee})
	if err != nil {
		return redeem.Decision{}, err
	}
	return *reply.Decision, nil
}

func (s *story) redeem(context.Context) error {
	d, err := s.try(s.scanned[0], "sale-1")
	if err != nil {
		return err
	}
	if d.Outcome != redeem.Allow || !d.Proven || d.Given.Amount != 100 {
		return fmt.Errorf("the offer was not redeemed as it should be: %s", d)
	}
	s.record = append(s.record, d.Redemption)
	s.did("Offline, the till redeemed the first offer: 1.00 EUR off, receipt %s, on disk.", d.Receipt)
	return nil
}

func (s *story) refuse(context.Context) error {
	d, err := s.try(s.scanned[0], "sale-2")
	if err != nil {
		return err
	}
	if d.Outcome != redeem.Refuse || !d.Because(fault.AlreadyRedeemed) {
		return fmt.Errorf("the same offer in another sale: %s", d)
	}
	s.did("The same offer in another sale was refused: %s.", fault.AlreadyRedeemed)
	return nil
}

func (s *story) kill(context.Context) error {
	d, err := s.try(s.scanned[1], "sale-3")
	if err != nil {
		return err
	}
	if err := s.child.kill(); err != nil {
		return err
	}
	if d.Outcome != redeem.Allow {
		return fmt.Errorf("the second offer: %s", d)
	}
	s.record = append(s.record, d.Redemption)
	s.did("The second offer was redeemed, and the till's process killed (kill -9) right after it said so.")
	return nil
}

// reopen starts the till again and finds everything as it was.
func (s *story) reopen(ctx context.Context) (err error) {
	if s.child, err = start(ctx, s.till); err != nil {
		return err
	}
	reply, err := s.child.do(till.Command{Do: "status"})
	if err != nil {
		return err
	}
	if reply.Status.Pending != len(s.record) {
		return fmt.Errorf("%d records are pending, %d were acknowledged", reply.Status.Pending, len(s.record))
	}
	again, err := s.try(s.scanned[1], "sale-3")
	if err != nil {
		return err
	}
	if !again.Again || again.Redemption != s.record[1] {
		return fmt.Errorf("the sale that was cut short was not the same redemption: %s", again)
	}
	other, err := s.try(s.scanned[1], "sale-4")
	if err != nil {
		return err
	}
	if other.Outcome != redeem.Refuse {
		return fmt.Errorf("the second offer in another sale: %s", other)
	}
	s.did("Opened again, still offline: both redemptions are there; the sale asked again is the same redemption.")
	return nil
}

func (s *story) report(ctx context.Context) error {
	before, err := s.phone.visit(ctx)
	if err != nil {
		return err
	}
	if len(before.Matches) != 0 {
		return fmt.Errorf("the backend knows of %d redemptions before any was reported", len(before.Matches))
	}
	s.line.Mend()
	if _, err := s.child.do(till.Command{Do: "report"}); err != nil {
		return err
	}
	reply, err := s.child.do(till.Command{Do: "status"})
	if err != nil {
		return err
	}
	if reply.Status.Pending != 0 || reply.Status.Verdicts != 0 {
		return fmt.Errorf("after reporting: %+v", *reply.Status)
	}
	s.did("The network is back: the till reported, and the backend confirmed both redemptions.")
	return s.child.leave()
}

// answer lets the phone come back, and a stranger's as well.
func (s *story) answer(ctx context.Context) error {
	visit, err := s.phone.visit(ctx)
	if err != nil {
		return err
	}
	if len(visit.Matches) != 2 || len(visit.Answers) == 0 || visit.Answers[0].ID != followUp {
		return fmt.Errorf("the phone's visit was answered with %+v", visit)
	}
	stranger, err := newPhone(s.shop.public)
	if err != nil {
		return err
	}
	if other, err := stranger.visit(ctx); err != nil || len(other.Matches) != 0 {
		return fmt.Errorf("a stranger's phone was answered with %+v: %w", other, err)
	}
	s.did("The phone's next visit was recognised by its identifiers alone, and answered:")
	for _, shown := range visit.Answers {
		fmt.Fprintf(s.out, "         %s %q, because: %s\n", shown.Kind, shown.Title, shown.Why.Text)
	}
	return nil
}

// Package echo is the service that every peer in Go serves or calls, the cases of a client, and how a peer is started.
package echo

import (
	"errors"
	"reflect"
	"sync/atomic"
	"time"
)

// Item is a line of an order.
type Item struct {
	Sku   string
	Count int32
}

// Order is what is sent and sent back; its note may be nil.
type Order struct {
	ID    string
	Items []Item
	Note  *string
}

// Equal says whether two orders say the same.
func (o Order) Equal(other Order) bool { return reflect.DeepEqual(o, other) }

// Service is what every server in Go answers.
type Service struct{ fired int32 }

// Fail always fails, with this message.
func (s *Service) Fail(why string) error { return errors.New(why) }

// Fire counts.
func (s *Service) Fire() { atomic.AddInt32(&s.fired, 1) }

// Fired tells how often Fire was called since the server began.
func (s *Service) Fired() int32 { return atomic.LoadInt32(&s.fired) }

// Sleep says awake when the time is over.
func (s *Service) Sleep(ms int32) string {
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return "awake"
}

// Package idl has the structures of echo.thrift that go over the wire, with the arguments and results of its methods.
package idl

import "tulle.dev/peers/echo"

// Item is a line of an order.
type Item struct {
	Sku   string `frugal:"1,default,string"`
	Count int32  `frugal:"2,default,i32"`
}

// Order is what is sent and sent back.
type Order struct {
	ID    string  `frugal:"1,default,string"`
	Items []*Item `frugal:"2,default,list<Item>"`
	Note  *string `frugal:"3,optional,string"`
}

// Failure is what fail throws.
type Failure struct {
	Why string `frugal:"1,default,string"`
}

// Nothing is the arguments of fired.
type Nothing struct{}

// TextArgs is the arguments of echo, fail and fire.
type TextArgs struct {
	Text string `frugal:"1,default,string"`
}

// NumberArgs is the arguments of sleep.
type NumberArgs struct {
	Number int32 `frugal:"1,default,i32"`
}

// OrderArgs is the arguments of nested.
type OrderArgs struct {
	Order *Order `frugal:"1,default,Order"`
}

// TextResult is the result of echo and sleep.
type TextResult struct {
	Success *string `frugal:"0,optional,string"`
}

// NumberResult is the result of fired.
type NumberResult struct {
	Success *int32 `frugal:"0,optional,i32"`
}

// OrderResult is the result of nested.
type OrderResult struct {
	Success *Order `frugal:"0,optional,Order"`
}

// FailResult is the result of fail.
type FailResult struct {
	Success *string  `frugal:"0,optional,string"`
	Failure *Failure `frugal:"1,optional,Failure"`
}

// FromOrder makes the structure of an order.
func FromOrder(from echo.Order) *Order {
	to := &Order{ID: from.ID, Note: from.Note}
	for _, each := range from.Items {
		to.Items = append(to.Items, &Item{Sku: each.Sku, Count: each.Count})
	}
	return to
}

// ToOrder reads the structure of an order.
func ToOrder(from *Order) echo.Order {
	to := echo.Order{ID: from.ID, Note: from.Note}
	for _, each := range from.Items {
		to.Items = append(to.Items, echo.Item{Sku: each.Sku, Count: each.Count})
	}
	return to
}

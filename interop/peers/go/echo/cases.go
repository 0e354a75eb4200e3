package echo

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// ShortMs is the time-out of Sleep at every client.
	ShortMs = 300
	// LongMs is the time-out of everything else.
	LongMs = 10_000

	fires = 20
	calls = 1000
)

// Client is the service as a framework calls it, and how the framework tells things.
type Client interface {
	Echo(text string) (string, error)
	Nested(order Order) (Order, error)
	Fail(why string) error
	// Nothing says whether the answer was null.
	Nothing() (bool, error)
	// Fire goes one-way.
	Fire(text string) error
	Fired() (int32, error)
	// Sleep has a time-out of ShortMs.
	Sleep(ms int32) error
	// IsTimeout says whether this is how the framework says that a call took too long.
	IsTimeout(err error) bool
	// Cannot says why this client cannot run a case; empty when it can.
	Cannot(name string) string
}

func runCases(client Client, names []string) {
	for _, name := range names {
		if cause := client.Cannot(name); cause != "" {
			fmt.Printf("skip %s: %s\n", name, cause)
		} else if err := runCase(client, name); err != nil {
			fmt.Printf("not ok %s: %s\n", name, strings.Join(strings.Fields(err.Error()), " "))
		} else {
			fmt.Printf("ok %s\n", name)
		}
	}
}

func runCase(client Client, name string) error {
	switch name {
	case "echo":
		return same(client, "hello", "héllo 你好", "an apple: 🍎", "")
	case "nested":
		return nested(client)
	case "exception":
		return exception(client)
	case "null":
		null, err := client.Nothing()
		if err == nil && !null {
			err = fmt.Errorf("the answer is not null")
		}
		return err
	case "large":
		return same(client, strings.Repeat("0123456789abcdef", 1<<16))
	case "oneway":
		return oneway(client)
	case "timeout":
		return timeout(client)
	case "concurrent":
		return concurrent(client)
	}
	return fmt.Errorf("no case %s", name)
}

func nested(client Client) error {
	note := "ring twice"
	for _, note := range []*string{&note, nil} {
		order := Order{ID: "o-1", Items: []Item{{"apple", 3}, {"péar", 70_000}}, Note: note}
		back, err := client.Nested(order)
		if err != nil {
			return err
		}
		if !back.Equal(order) {
			return fmt.Errorf("%+v is not %+v", back, order)
		}
	}
	return nil
}

func exception(client Client) error {
	err := client.Fail("out of stock")
	if err == nil {
		return fmt.Errorf("the call did not fail")
	}
	if client.IsTimeout(err) || !strings.Contains(err.Error(), "out of stock") {
		return fmt.Errorf("it is another error: %w", err)
	}
	return nil
}

func oneway(client Client) error {
	before, err := client.Fired()
	if err != nil {
		return err
	}
	for i := 0; i < fires; i++ {
		if err := client.Fire("apple"); err != nil {
			return err
		}
	}
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		now, err := client.Fired()
		if err != nil {
			return err
		}
		if now-before == fires {
			return nil
		}
		if now-before > fires || time.Now().After(end) {
			return fmt.Errorf("%d came of %d", now-before, fires)
		}
	}
}

func timeout(client Client) error {
	begun := time.Now()
	err := client.Sleep(2000)
	took := time.Since(begun)
	if err == nil {
		return fmt.Errorf("the call did not fail")
	}
	if !client.IsTimeout(err) {
		return fmt.Errorf("it is another error: %w", err)
	}
	if took > 1500*time.Millisecond {
		return fmt.Errorf("it took %v", took)
	}
	return same(client, "still")
}

func concurrent(client Client) error {
	start := make(chan struct{})
	errs := make([]error, calls)
	var all sync.WaitGroup
	for i := range errs {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			<-start
			errs[i] = same(client, fmt.Sprintf("call %d", i))
		}(i)
	}
	close(start)
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// same says these texts, one after the other, and looks whether they come back.
func same(client Client, texts ...string) error {
	for _, text := range texts {
		back, err := client.Echo(text)
		if err != nil {
			return err
		}
		if back != text {
			return fmt.Errorf("another text of %d: %.40q", len(back), back)
		}
	}
	return nil
}

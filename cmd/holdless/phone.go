package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holdless/holdless/internal/phone"
)

// handset is the telephone in the terminal.
type handset struct {
	listen, from, script, wav string
	stay                      bool

	out   io.Writer
	typed chan string
	phone *phone.Phone
	rings chan *phone.Call
}

func newPhone() *cobra.Command {
	h := &handset{}
	cmd := &cobra.Command{
		Use:   "phone sip:NUMBER@HOST",
		Short: "A telephone in the terminal: type keys and Enter, h hangs up",
		Example: "  holdless phone sip:+358912345@127.0.0.1:5070\n" +
			"  holdless phone sip:+358912345@127.0.0.1:5070 --script \"1 1 1\" --wav heard.wav\n" +
			"  holdless phone \"sip:+358912345@127.0.0.1:5070;transport=tcp\"",
		Args: cobra.ExactArgs(1),
		RunE: run(func(cmd *cobra.Command, args []string) error {
			ctx, _, stop := signals(cmd.Context())
			defer stop()
			h.out = cmd.OutOrStdout()
			h.typed = make(chan string)
			go readLines(cmd.InOrStdin(), h.typed) // ends with the program: a terminal cannot be interrupted
			return h.use(ctx, args[0])
		}),
	}
	f := cmd.Flags()
	f.StringVar(&h.listen, "listen", "127.0.0.1:0", "address of this telephone")
	f.StringVar(&h.from, "from", "phone", "the number to show")
	f.StringVar(&h.script, "script", "", `keys to press, each after what is said: "1 1 1"`)
	f.StringVar(&h.wav, "wav", "", "file to write what was heard to")
	f.BoolVar(&h.stay, "stay", false, "wait for calls after the first one")
	return cmd
}

func readLines(in io.Reader, to chan<- string) {
	defer close(to)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		to <- strings.TrimSpace(lines.Text())
	}
}

// use places the call, and then takes calls for as long as asked.
func (h *handset) use(ctx context.Context, to string) (err error) {
	h.rings = make(chan *phone.Call)
	if h.phone, err = phone.Open(phone.Config{Listen: h.listen, TCP: overTCP(to), Answer: h.answer}); err != nil {
		return unusable("%w; name another address with --listen", err)
	}
	defer func() { err = errors.Join(err, h.phone.Close()) }()
	ring, stop := context.WithTimeout(ctx, time.Minute)
	call, err := h.phone.Call(ring, to, h.from)
	stop()
	if err != nil {
		return wrong("%w; see that the address is right and that it takes calls from here", err)
	}
	fmt.Fprintln(h.out, "answered")
	if err := h.talk(ctx, call); err != nil {
		return err
	}
	for h.stay && ctx.Err() == nil {
		fmt.Fprintln(h.out, "waiting for a call")
		select {
		case call = <-h.rings:
			if err := h.talk(ctx, call); err != nil {
				return err
			}
		case <-ctx.Done():
		}
	}
	return nil
}

// overTCP reports whether an address is called by TCP (RFC 3261, 19.1.1).
func overTCP(to string) bool { return strings.Contains(strings.ToLower(to), ";transport=tcp") }

// answer takes a call when the telephone waits for one.
func (h *handset) answer(ctx context.Context, in *phone.Incoming) {
	if !h.stay {
		return
	}
	if err := in.Ring(); err != nil {
		return
	}
	fmt.Fprintln(h.out, visible("it rings: "+in.From()+"; picked up"))
	call, err := in.Accept(ctx)
	if err != nil {
		fmt.Fprintln(h.out, "the call was gone")
		return
	}
	select {
	case h.rings <- call:
	case <-ctx.Done():
	}
}

// talk holds one call: keys from the script first, then from the keyboard.
func (h *handset) talk(ctx context.Context, call *phone.Call) error {
	for keys := range strings.FieldsSeq(h.script) {
		if err := call.Hush(ctx, time.Second); err != nil {
			return h.over(call, fmt.Errorf("press %s: the call was over: %w", keys, err))
		}
		fmt.Fprintln(h.out, "pressed "+keys)
		if err := call.Press(ctx, keys); err != nil {
			return h.over(call, err)
		}
	}
	scripted := h.script != ""
	h.script = ""
	if scripted {
		if err := call.Hush(ctx, time.Second); err != nil && !errors.Is(err, io.EOF) {
			return h.over(call, err)
		}
		return h.over(call, call.Hangup(ctx))
	}
	return h.over(call, h.keyboard(ctx, call))
}

// keyboard presses what is typed until one of the two hangs up.
func (h *handset) keyboard(ctx context.Context, call *phone.Call) error {
	for {
		select {
		case keys, ok := <-h.typed:
			if !ok || keys == "h" {
				return call.Hangup(ctx)
			}
			if bad := strings.Trim(keys, "0123456789*#"); bad != "" {
				fmt.Fprintln(h.out, "keys are 0-9 * #; h hangs up")
				continue
			}
			if err := call.Press(ctx, keys); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
		case <-call.Done():
			return nil
		case <-ctx.Done():
			return call.Hangup(context.WithoutCancel(ctx))
		}
	}
}

// over says how a call ended, and writes what was heard.
func (h *handset) over(call *phone.Call, err error) error {
	who := "hung up"
	select {
	case <-call.Done():
		if call.EndedBy() == phone.ByThem {
			who = "the other end hung up"
		}
	default:
	}
	fmt.Fprintf(h.out, "%s after %.1f s of sound\n", who, float64(len(call.Heard()))/8000)
	if h.wav == "" {
		return err
	}
	return errors.Join(err, writeFile(h.wav, call.WriteWAV))
}

func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

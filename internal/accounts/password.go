package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// What hashing a password costs whoever guesses, and us: 19 MiB and two passes
// (RFC 9106, 4 allows less memory with more passes; OWASP names these).
const (
	hashMemory = 19 << 10 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashBytes  = 32
	saltBytes  = 16
	hashers    = 2 // at once: so much memory strangers can make us take
)

// The length of a password, in letters. More than the most is not hashed.
const (
	passwordLeast = 12
	passwordMost  = 256
)

// ErrPassword refuses a password that is chosen.
var ErrPassword = fmt.Errorf("a password has %d letters at least and %d at most, and is not the name", passwordLeast, passwordMost)

func fitsPolicy(name, password string) error {
	n := utf8.RuneCountInString(password)
	if n < passwordLeast || n > passwordMost || password == name {
		return ErrPassword
	}
	return nil
}

// hash makes the PHC string of a password.
func (g *Registry) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // it never fails: crypto/rand
	sum, err := g.derive(ctx, password, salt, cost{hashMemory, hashPasses, hashLanes})
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

type cost struct {
	memory, passes uint32
	lanes          uint8
}

// derive waits for its turn: a flood of passwords must not take all memory.
func (g *Registry) derive(ctx context.Context, password string, salt []byte, c cost) ([]byte, error) {
	g.begin()
	select {
	case g.hashing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-g.hashing }()
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, hashBytes), nil
}

var errHash = errors.New("the hash of a password is not understood")

// nobodysHash is worked on when there is no such account, so that the time an
// answer takes does not tell who has one.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// fits reports whether a password is the one of a PHC string.
func (g *Registry) fits(ctx context.Context, password, phc string) (bool, error) {
	var version int
	var c cost
	var rest string
	if _, err := fmt.Sscanf(phc, "$argon2id$v=%d$m=%d,t=%d,p=%d$%s", &version, &c.memory, &c.passes, &c.lanes, &rest); err != nil {
		return false, errHash
	}
	salt, sum, err := saltAndSum(rest)
	if err != nil || version != argon2.Version {
		return false, errHash
	}
	if utf8.RuneCountInString(password) > passwordMost {
		password = "" // it fits nobody
	}
	got, err := g.derive(ctx, password, salt, c)
	return err == nil && subtle.ConstantTimeCompare(got, sum) == 1, err
}

func saltAndSum(s string) (salt, sum []byte, err error) {
	b64 := base64.RawStdEncoding
	for i := range s {
		if s[i] == '$' {
			salt, err = b64.DecodeString(s[:i])
			if err != nil {
				return nil, nil, err
			}
			sum, err = b64.DecodeString(s[i+1:])
			return salt, sum, err
		}
	}
	return nil, nil, errHash
}

// newToken makes a secret that nobody guesses, and the hash under which it is
// kept: what is stored opens nothing.
func newToken() (token, hash string) {
	token = rand.Text()
	return token, hashOf(token)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

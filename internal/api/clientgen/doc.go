// Package clientgen is a client of the API as a developer generates it, so that
// the tests ask as programs do (tests only).
package clientgen

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config config.yaml openapi-3.0.json

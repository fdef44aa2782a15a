// Makes the signatures of this directory with the Notary Project's own library, notation-core-go 1.1.0 as Debian 13 has it:
//
//	apt-get install golang-go golang-github-notaryproject-notation-core-go-dev
//	GO111MODULE=off GOPATH=/usr/share/gocode go run make.go
//
// Each run makes new keys, which are kept nowhere.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"time"

	"github.com/notaryproject/notation-core-go/signature"
	"github.com/notaryproject/notation-core-go/signature/cose"
	"github.com/notaryproject/notation-core-go/signature/jws"
)

var (
	from = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	to   = time.Date(2126, 1, 1, 0, 0, 0, 0, time.UTC)
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func authority(serial int64, name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{Organization: []string{"Example"}, CommonName: name},
		NotBefore: from, NotAfter: to, BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}
}

func main() {
	rootKey := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	rootTemplate := authority(1, "Root")
	root := must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, rootTemplate, rootTemplate, rootKey.Public(), rootKey))))
	betweenKey := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	between := must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, authority(2, "Between"), root, betweenKey.Public(), rootKey))))
	os.WriteFile("root.crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}), 0o644)

	payload := fmt.Sprintf(`{"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%x","size":5}}`, sha256.Sum256([]byte("image")))
	keys := map[string]crypto.Signer{
		"es256": must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		"es384": must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
		"es512": must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)),
		"ps256": must(rsa.GenerateKey(rand.Reader, 2048)),
		"ps384": must(rsa.GenerateKey(rand.Reader, 3072)),
		"ps512": must(rsa.GenerateKey(rand.Reader, 4096)),
	}
	serial := int64(3)
	for algorithm, key := range keys {
		serial++
		signer := must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{Country: []string{"DE"}, Organization: []string{"Example"}, CommonName: "Release"},
			NotBefore: from, NotAfter: to, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		}, between, key.Public(), betweenKey))))
		for format, envelope := range map[string]signature.Envelope{"jws": jws.NewEnvelope(), "cose": cose.NewEnvelope()} {
			content := must(envelope.Sign(&signature.SignRequest{
				Payload:       signature.Payload{ContentType: "application/vnd.cncf.notary.payload.v1+json", Content: []byte(payload)},
				Signer:        must(signature.NewLocalSigner([]*x509.Certificate{signer, between, root}, key)),
				SigningTime:   from.AddDate(0, 6, 0),
				Expiry:        to,
				SigningAgent:  "test/1.0",
				SigningScheme: signature.SigningSchemeX509,
			}))
			os.WriteFile(algorithm+"."+format, content, 0o644)
		}
	}
}

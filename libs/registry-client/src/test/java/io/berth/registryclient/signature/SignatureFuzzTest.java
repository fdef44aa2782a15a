package io.berth.registryclient.signature;

import io.berth.fuzz.Fuzzer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Signatures and certificates' names that whoever can push puts beside an image. */
class SignatureFuzzTest {
    private static final String CBOR =
            "d2845819a2012603706170706c69636174696f6e2f782e6a736f6ea1182159010ac2430102034161a16162f540581a";

    @Test
    void cbor() {
        Fuzzer.of("CBOR")
                .example(HexFormat.of().parseHex(CBOR))
                .example(HexFormat.of().parseHex("bf61610161629f0203ffff"))
                .example(HexFormat.of().parseHex("a26161fb3ff199999999999a6162c11a514b67b0"))
                .refusesBy(InvalidSignature.class)
                .run(Cbor::read);
    }

    @Test
    void cose() {
        Fuzzer.of("COSE")
                .example(HexFormat.of().parseHex(CBOR))
                .example(HexFormat.of().parseHex("d28443a10126a11821814101426869" + "40"))
                .refusesBy(InvalidSignature.class)
                .run(CoseEnvelope::read);
    }

    @Test
    void jws() {
        Fuzzer.of("JWS")
                .examples("{\"payload\":\"e30\",\"protected\":\"eyJhbGciOiJQUzI1NiIsImN0eSI6ImEifQ\","
                        + "\"header\":{\"x5c\":[\"YQ==\"],\"io.cncf.notary.signingTime\":\"2020-01-01T00:00:00Z\"},"
                        + "\"signature\":\"YQ\"}")
                .words("null", "[]", "{}", "\"\"", "1e9", "[", "1e999999999")
                .refusesBy(InvalidSignature.class)
                .run(JwsEnvelope::read);
    }

    @Test
    void namesOfSubjects() {
        Fuzzer.of("subject")
                .examples("x509.subject: C=US, ST=WA, O=notary", "CN=a\\,b,O=\"x\"", "CN=#0401")
                .words("=", ",", "+", "\\", "#", "\"")
                .refusesBy(IllegalArgumentException.class)
                .runText(SubjectName::parse);
    }
}

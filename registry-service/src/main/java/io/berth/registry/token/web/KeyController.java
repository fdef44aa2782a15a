package io.berth.registry.token.web;

import io.berth.registry.token.SigningKeys;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** The keys that sign tokens, without their private parts. */
@RestController
@RequestMapping("/berth/registry/keys")
final class KeyController {
    private final SigningKeys keys;

    KeyController(SigningKeys keys) {
        this.keys = keys;
    }

    record KeyList(List<SigningKeys.Known> keys) {}

    record Rotated(String kid) {}

    @GetMapping
    KeyList list() {
        return new KeyList(keys.all());
    }

    /** Signs with a new key from now on; tokens of the one before stay valid until they expire. */
    @PostMapping
    ResponseEntity<Rotated> rotate() {
        return ResponseEntity.status(HttpStatus.CREATED).body(new Rotated(keys.rotate()));
    }
}

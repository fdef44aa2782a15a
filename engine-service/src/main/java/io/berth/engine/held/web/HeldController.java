package io.berth.engine.held.web;

import io.berth.docker.system.HeldResponse;
import io.berth.engine.held.Held;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /berth/held}: what the engine holds. Berth's own; no Docker engine has it. */
@RestController
class HeldController {
    private final Held held;

    HeldController(Held held) {
        this.held = held;
    }

    @GetMapping("/berth/held")
    HeldResponse held() throws InterruptedException {
        return held.now();
    }

    /** The same as a table to be read by people. */
    @GetMapping(path = "/berth/held", params = "format=text")
    ResponseEntity<String> text() throws InterruptedException {
        return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(HeldText.of(held.now()));
    }
}

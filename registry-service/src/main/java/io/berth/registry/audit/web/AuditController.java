package io.berth.registry.audit.web;

import io.berth.registry.audit.AuditEntry;
import io.berth.registry.audit.AuditLog;
import io.berth.registry.error.ErrorCode;
import io.berth.registry.error.RegistryException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reading the audit log, the newest entries first. The parameters are the only fields that can be asked for. */
@RestController
final class AuditController {
    private static final String PATH = "/berth/registry/audit";
    private static final int MAX_ENTRIES = 1000;
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    private final AuditLog log;

    AuditController(AuditLog log) {
        this.log = log;
    }

    @GetMapping(PATH)
    ResponseEntity<Entries> list(
            @RequestParam(defaultValue = "100") String n,
            @RequestParam(defaultValue = "") String before,
            @RequestParam(defaultValue = "") String subject,
            @RequestParam(defaultValue = "") String target,
            @RequestParam(defaultValue = "") String action) {
        int size = (int) Math.max(1, Math.min(number("n", n), MAX_ENTRIES));
        long limit = before.isEmpty() ? Long.MAX_VALUE : number("before", before);
        List<AuditEntry> read = log.before(limit, subject, target, action, size + 1);
        ResponseEntity.BodyBuilder response = ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON);
        List<AuditEntry> page = read.size() > size ? read.subList(0, size) : read;
        if (read.size() > size) {
            String next = PATH + "?n=" + size + "&before=" + page.getLast().id() + parameter("subject", subject)
                    + parameter("target", target) + parameter("action", action);
            response.header(HttpHeaders.LINK, "<" + next + ">; rel=\"next\"");
        }
        return response.body(new Entries(page));
    }

    private static String parameter(String name, String value) {
        return value.isEmpty() ? "" : "&" + name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    private static long number(String name, String text) {
        if (!DIGITS.matcher(text).matches()) {
            throw RegistryException.of(400, ErrorCode.UNSUPPORTED, "the parameter " + name + " is not a number");
        }
        return Long.parseLong(text);
    }

    record Entries(List<AuditEntry> entries) {}
}

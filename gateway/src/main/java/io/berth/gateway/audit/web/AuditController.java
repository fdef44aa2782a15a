package io.berth.gateway.audit.web;

import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.IdentityHeader;
import io.berth.gateway.audit.AuditEntry;
import io.berth.gateway.audit.AuditLog;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Reading the audit log, the newest entries first, which is the operators'. */
@RestController
final class AuditController {
    private static final int MAX_ENTRIES = 1000;
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    private final AuditLog audit;

    AuditController(AuditLog audit) {
        this.audit = audit;
    }

    /**
     * @param next what to ask for as {@code before} to go on; absent at the end
     * @param lost entries that are missing since the gateway was started
     */
    record Page(List<AuditEntry> entries, @Nullable Long next, long lost) {}

    @GetMapping("/api/audit")
    ResponseEntity<Page> list(
            HttpServletRequest request,
            @RequestParam(defaultValue = "100") String n,
            @RequestParam(defaultValue = "") String before,
            @RequestParam(defaultValue = "") String who,
            @RequestParam(defaultValue = "") String path,
            @RequestParam(defaultValue = "") String method) {
        if (!IdentityHeader.parse(request.getHeader(IdentityHeader.NAME))
                .map(Identity::operator)
                .orElse(false)) {
            throw new Forbidden("only an operator may do this");
        }
        int size = Math.clamp(number("n", n), 1, MAX_ENTRIES);
        long limit = before.isEmpty() ? Long.MAX_VALUE : number("before", before);
        List<AuditEntry> read = audit.before(limit, who, path, method, size + 1);
        List<AuditEntry> page = read.size() > size ? read.subList(0, size) : read;
        Long next = read.size() > size ? page.getLast().id() : null;
        return ResponseEntity.ok().cacheControl(CacheControl.noStore()).body(new Page(page, next, audit.lost()));
    }

    private static long number(String name, String text) {
        if (!DIGITS.matcher(text).matches()) {
            throw new InvalidParameter("the parameter " + name + " is not a number");
        }
        return Long.parseLong(text);
    }
}

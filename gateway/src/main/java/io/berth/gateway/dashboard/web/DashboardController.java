package io.berth.gateway.dashboard.web;

import io.berth.docker.error.NotFound;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;

/**
 * The dashboard's files (ADR 24). Its policy allows what comes from here and nothing written into the page, so that no
 * container name, label or log line can ever become code or style, and lets no script make markup of text.
 */
@RestController
class DashboardController {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types 'none'";
    private static final String GZIP = "gzip";

    private final UiFiles files = new UiFiles();

    /** Where the dashboard was, and where a person begins who types the address only. */
    @GetMapping({"/", "/dashboard"})
    ResponseEntity<Void> start() {
        return ResponseEntity.status(HttpStatus.FOUND)
                .location(URI.create("/ui"))
                .cacheControl(CacheControl.noCache())
                .build();
    }

    /** The page, which finds out by itself what its address means. */
    @GetMapping({"/ui", "/ui/**"})
    ResponseEntity<byte[]> page(WebRequest request) {
        UiFiles.UiFile index = files.index()
                .orElseThrow(() -> new NotFound("this build has no dashboard: it was built with -Dberth.ui.skip=true"));
        return send(request, index, CacheControl.noCache());
    }

    @GetMapping("/ui/assets/{name}")
    ResponseEntity<byte[]> asset(
            @PathVariable("name") String name,
            @RequestHeader(name = HttpHeaders.ACCEPT_ENCODING, required = false) @Nullable String encodings,
            WebRequest request) {
        UiFiles.UiFile asset =
                files.asset(name, takesGzip(encodings)).orElseThrow(() -> new NotFound("page not found"));
        return send(
                request,
                asset,
                CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable());
    }

    private static ResponseEntity<byte[]> send(WebRequest request, UiFiles.UiFile file, CacheControl caching) {
        boolean unchanged = request.checkNotModified(file.tag());
        ResponseEntity.BodyBuilder response = ResponseEntity.status(unchanged ? HttpStatus.NOT_MODIFIED : HttpStatus.OK)
                .header(HttpHeaders.CONTENT_TYPE, file.mediaType())
                .eTag(file.tag())
                .cacheControl(caching)
                .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("X-Frame-Options", "DENY")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .header("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
        if (unchanged) {
            return response.build();
        }
        if (file.compressed()) {
            response.header(HttpHeaders.CONTENT_ENCODING, GZIP);
        }
        return response.body(file.content());
    }

    /** Whether gzip is among them, with a weight other than 0 (RFC 9110, 12.5.3). */
    static boolean takesGzip(@Nullable String encodings) {
        if (encodings == null) {
            return false;
        }
        for (String each : encodings.split(",")) {
            String[] parts = each.strip().split("\\s*;\\s*");
            if (parts[0].equalsIgnoreCase(GZIP)) {
                return parts.length < 2 || !parts[1].matches("q=0(\\.0*)?");
            }
        }
        return false;
    }
}

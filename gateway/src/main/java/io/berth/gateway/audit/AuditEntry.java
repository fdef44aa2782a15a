package io.berth.gateway.audit;

import java.time.Instant;

/**
 * One call that changed something, or was to. Headers and bodies are never in it, nor are queries, since build arguments are in
 * some: so there is no secret to redact.
 *
 * <pre>{"id": 7, "time": "2026-…Z", "who": "alice", "role": "developer", "from": "10.0.0.7", "source": "token", "method": "POST",
 * "path": "/v1.51/containers/create", "detail": "name=web", "status": 201, "millis": 34, "request": "…"}</pre>
 *
 * @param time at which it began
 * @param who user or token; empty for nobody in particular
 * @param from the client's address, or {@code unix}
 * @param path canonical
 * @param detail harmless parameters of the query: names and tags
 * @param status of the answer; 0 when the client went before there was one
 * @param millis until the end of the answer, or of the taken over connection's handshake
 * @param request its id in the services' logs; empty for none
 */
public record AuditEntry(
        long id,
        Instant time,
        String who,
        String role,
        String from,
        String source,
        String method,
        String path,
        String detail,
        int status,
        long millis,
        String request) {}

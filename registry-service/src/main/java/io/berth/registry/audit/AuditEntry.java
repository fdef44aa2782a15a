package io.berth.registry.audit;

import java.time.Instant;

/**
 * One change.
 *
 * <pre>{"id": 7, "time": "2026-11-27T12:00:00Z", "subject": "user:alice", "address": "10.0.0.7", "action": "tag.delete",
 *  "target": "team/app", "detail": "tag=1.0"}</pre>
 *
 * @param id grows with time
 * @param subject who did it
 * @param address where the request came from: an IP address, {@code unix} or {@code platform}
 * @param action what was done, as noun and verb
 * @param target the repository, account, robot, policy, webhook or key it was done to
 * @param detail more about it, as {@code key=value} pairs; never a secret
 */
public record AuditEntry(
        long id, Instant time, String subject, String address, String action, String target, String detail) {}

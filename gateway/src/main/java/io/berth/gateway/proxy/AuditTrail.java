package io.berth.gateway.proxy;

import io.berth.gateway.access.Identity;
import org.jspecify.annotations.Nullable;

/** What a connection's current request leaves in the audit log, if it is one that changes something. Confined to the event loop. */
final class AuditTrail {
    private @Nullable AuditedCall current;

    void begin(AuditedCall call) {
        current = call;
    }

    void caller(Identity identity, String requestId) {
        if (current != null) {
            current.caller(identity, requestId);
        }
    }

    /** @param code of the answer; 0 when there is none */
    void status(int code) {
        if (current != null && code != 0) {
            current.status(code);
        }
    }

    /** The request has been answered, taken over or given up. */
    void end() {
        if (current != null) {
            current.ended();
            current = null;
        }
    }
}

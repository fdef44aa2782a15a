package io.berth.gateway.access.decision;

import io.berth.gateway.access.AnswerFilter;
import io.berth.gateway.access.Identity;
import io.berth.gateway.access.Ruling;
import io.berth.gateway.access.policy.StrictJson;
import io.berth.gateway.route.RequestTarget;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes rulings for one caller.
 *
 * @param authorized whether the caller was found out by the {@code Authorization} header
 * @param reads whether the request changes nothing
 */
record Passes(Identity who, boolean authorized, boolean reads) {
    /** Bodies that decide are settings, not content. */
    private static final int MAX_BODY = 4 * 1024 * 1024;

    Ruling as(RequestTarget target) {
        return pass(target, null, null);
    }

    Ruling with(RequestTarget target, ObjectNode body) {
        return pass(target, StrictJson.bytes(body), null);
    }

    Ruling filtered(RequestTarget target, AnswerFilter answers) {
        return pass(target, null, answers);
    }

    private Ruling pass(RequestTarget target, @Nullable ByteBuffer body, @Nullable AnswerFilter answers) {
        return new Ruling.Pass(who, authorized, target, body, answers);
    }

    /** It is decided by the body, which is an object. */
    Ruling read(Function<ObjectNode, Ruling> decide) {
        return new Ruling.Read(MAX_BODY, bytes -> decide.apply(StrictJson.object(bytes)));
    }

    /** What everybody of the role is refused. */
    Ruling refused() {
        return new Ruling.Refuse(403, "a " + who.role().id() + " may not do this");
    }

    /** For parameters that no rule has thought of. */
    static Ruling parametersRefused() {
        return new Ruling.Refuse(403, "parameters: only an operator may set them");
    }

    /** For a path that no rule has thought of. Docker's client, when it inspects, asks for a name as everything it could be. */
    Ruling unknown() {
        return reads
                ? new Ruling.Refuse(404, "page not found")
                : new Ruling.Refuse(403, "only an operator may do this");
    }
}

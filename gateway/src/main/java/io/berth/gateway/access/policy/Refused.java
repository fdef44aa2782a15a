package io.berth.gateway.access.policy;

import io.berth.docker.error.Forbidden;

/** A developer asked for something that is the operators'. */
public final class Refused extends Forbidden {
    private static final long serialVersionUID = 1L;

    Refused(String field, String why) {
        super(field + ": " + why + "; only an operator may do this, or allow it to the project");
    }
}

package io.berth.gateway.access;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Who a request comes from.
 *
 * @param name of the user, or of the token that belongs to none; letters, digits, dot, dash and underscore
 * @param projects what a developer or viewer belongs to, the first one being where new things go; an operator has none
 * @param source how it was found out
 * @param credential id of the token or session, 0 when there is none
 */
public record Identity(String name, Role role, List<String> projects, Source source, long credential) {
    /** Who may open Docker's socket is root on this machine already. */
    public static final Identity SOCKET = new Identity("socket", Role.OPERATOR, List.of(), Source.SOCKET, 0);

    /** Who comes by TCP without a credential where none is asked for. */
    public static final Identity OPEN = new Identity("anyone", Role.OPERATOR, List.of(), Source.OPEN, 0);

    public Identity {
        projects = List.copyOf(projects);
    }

    /** How it was found out who somebody is. */
    public enum Source {
        SOCKET,
        OPEN,
        TOKEN,
        SESSION,
        CERTIFICATE;

        /** The name in JSON: {@code token}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean operator() {
        return role == Role.OPERATOR;
    }

    /** Whether something of a project is this caller's. */
    public boolean belongsTo(String project) {
        return projects.contains(project);
    }

    /** The project that new things go to; empty for an operator. */
    public Optional<String> home() {
        return projects.stream().findFirst();
    }
}

package io.berth.gateway.resilience;

/**
 * Who makes a request, as far as limits are concerned.
 *
 * @param name tells clients of the same role apart: a user, or an address where nobody has said who they are
 * @param role whose limit counts: {@code operator}, {@code developer}, {@code viewer}, {@code anonymous}
 */
public record Caller(String name, String role) {
    /** Who may open Docker's socket. */
    public static final Caller OPERATOR = new Caller("", "operator");

    /** Whether it is one of those who always get through. */
    public boolean operator() {
        return role.equals("operator");
    }
}

package io.berth.registryclient;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One challenge of a {@code WWW-Authenticate} header (RFC 9110, section 11.6.1).
 *
 * <pre>Bearer realm="https://auth.example.org/token",service="registry.example.org",scope="repository:a/b:pull"</pre>
 *
 * @param scheme lower case
 * @param parameters names lower case, values unquoted
 */
record Challenge(String scheme, Map<String, String> parameters) {
    Challenge {
        parameters = Map.copyOf(parameters);
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /** All challenges of the given header lines; what cannot be read is skipped. */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        for (String header : headers) {
            new Parser(header).into(challenges);
        }
        return challenges;
    }

    /** A cursor over one header line. */
    private static final class Parser {
        private static final String TOKEN_PUNCTUATION = "!#$%&'*+-.^_`|~/";

        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        void into(List<Challenge> challenges) {
            skip(" \t,");
            String scheme = token();
            while (!scheme.isEmpty()) {
                Map<String, String> parameters = new LinkedHashMap<>();
                String next = "";
                while (next.isEmpty()) {
                    skip(" \t,");
                    int start = at;
                    String name = token();
                    if (name.isEmpty()) {
                        break;
                    }
                    skip(" \t");
                    if (peek('=')) {
                        at++;
                        skip(" \t");
                        parameters.put(name.toLowerCase(Locale.ROOT), value());
                    } else {
                        at = start + name.length();
                        next = name; // a token without «=» begins the next challenge
                    }
                }
                challenges.add(new Challenge(scheme.toLowerCase(Locale.ROOT), parameters));
                scheme = next;
            }
        }

        private String value() {
            if (!peek('"')) {
                return token();
            }
            at++;
            StringBuilder value = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at++));
            }
            if (at < text.length()) {
                at++; // the quote, unless the header ends without it
            }
            return value.toString();
        }

        private String token() {
            int start = at;
            while (at < text.length() && isToken(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }

        private static boolean isToken(char c) {
            return (c < 128 && Character.isLetterOrDigit(c)) || TOKEN_PUNCTUATION.indexOf(c) >= 0;
        }

        private void skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private boolean peek(char c) {
            return at < text.length() && text.charAt(at) == c;
        }
    }
}

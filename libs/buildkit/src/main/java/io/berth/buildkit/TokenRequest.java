package io.berth.buildkit;

import java.util.List;

/**
 * A token as a registry's challenge asks for it.
 *
 * @param host the registry's name
 * @param realm the URL of the token service
 * @param service as in the challenge, or empty
 * @param scopes such as {@code repository:library/alpine:pull}
 */
public record TokenRequest(String host, String realm, String service, List<String> scopes) {
    public TokenRequest {
        scopes = List.copyOf(scopes);
    }
}

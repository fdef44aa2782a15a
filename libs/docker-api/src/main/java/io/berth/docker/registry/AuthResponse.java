package io.berth.docker.registry;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The outcome of a login (Engine API, SystemAuth).
 *
 * <pre>{"Status": "Login Succeeded", "IdentityToken": ""}</pre>
 *
 * @param identityToken empty when the registry issued none
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record AuthResponse(String status, String identityToken) {
    @Override
    public String toString() {
        return "AuthResponse[" + status + "]";
    }
}

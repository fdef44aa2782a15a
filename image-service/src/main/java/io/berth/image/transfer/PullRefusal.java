package io.berth.image.transfer;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.oci.ImageReference;
import io.berth.outgoing.DestinationRefused;
import io.berth.registryclient.RegistryException;
import io.berth.registryclient.signature.SignatureRefused;
import java.io.IOException;

/** The failure of a pull as clients know it (moby: distribution/errors.go, translatePullError). */
final class PullRefusal {
    private PullRefusal() {}

    static ApiException of(IOException failure, ImageReference reference) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        if (failure instanceof SignatureRefused || DestinationRefused.in(failure) != null) {
            return new Forbidden(message, failure);
        }
        if (failure instanceof NotAnImage) {
            return new InvalidParameter(message, failure);
        }
        String code = failure instanceof RegistryException refused ? refused.code() : "";
        return switch (code) {
            case "DENIED" ->
                new NotFound(
                        "pull access denied for " + reference.familiarName()
                                + ", repository does not exist or may require 'docker login': " + message,
                        failure);
            case "MANIFEST_UNKNOWN" ->
                new NotFound("manifest for " + reference.familiar() + " not found: " + message, failure);
            case "NAME_UNKNOWN" ->
                new NotFound("repository " + reference.familiarName() + " not found: " + message, failure);
            // Not 401: the stock client would ask for a password then and there.
            default -> new SystemFailure(message, failure);
        };
    }
}

package io.berth.image.transfer;

import io.berth.docker.error.ApiException;
import io.berth.docker.error.Forbidden;
import io.berth.docker.error.InvalidParameter;
import io.berth.docker.error.NotFound;
import io.berth.docker.error.SystemFailure;
import io.berth.docker.error.Unauthorized;
import io.berth.docker.registry.AuthResponse;
import io.berth.docker.registry.DistributionInspect;
import io.berth.docker.registry.DistributionInspect.ContentDescriptor;
import io.berth.docker.registry.DistributionInspect.ContentPlatform;
import io.berth.image.store.ImageStore;
import io.berth.oci.Descriptor;
import io.berth.oci.Digest;
import io.berth.oci.ImageReference;
import io.berth.oci.Platform;
import io.berth.outgoing.DestinationRefused;
import io.berth.registryclient.RegistryClient;
import io.berth.registryclient.RegistryClients;
import io.berth.registryclient.RegistryCredentials;
import io.berth.registryclient.RegistryException;
import io.berth.registryclient.RemoteManifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Questions to a registry that change nothing here. Thread-safe. */
@Component
public final class DistributionInspection {
    private final RegistryClients clients;

    DistributionInspection(RegistryClients clients) {
        this.clients = clients;
    }

    /**
     * What a registry has under a name and for which platforms.
     *
     * @throws NotFound when it has nothing, {@link Unauthorized} or {@link Forbidden} when it refuses
     */
    public DistributionInspect inspect(ImageReference reference, RegistryCredentials credentials) {
        ImageReference named = reference.withDefaultTag();
        RegistryClient client = clients.open(named.domain(), credentials);
        try {
            RemoteManifest manifest = client.manifest(
                    named.path(),
                    named.digestIfPresent()
                            .map(Digest::toString)
                            .or(named::tagIfPresent)
                            .orElseThrow());
            List<Platform> platforms = manifest.isIndex()
                    ? manifest.index().manifests().stream()
                            .map(Descriptor::platform)
                            .filter(Objects::nonNull)
                            .toList()
                    : List.of(platform(client, named.path(), manifest.manifest().config()));
            Descriptor descriptor = manifest.descriptor();
            return new DistributionInspect(
                    new ContentDescriptor(
                            descriptor.mediaType(), descriptor.digest().toString(), descriptor.size()),
                    platforms.stream()
                            .map(platform -> new ContentPlatform(
                                    platform.architecture(),
                                    platform.os(),
                                    platform.osVersion(),
                                    platform.osFeatures(),
                                    platform.variant()))
                            .toList());
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    private static Platform platform(RegistryClient client, String repository, Descriptor config) throws IOException {
        if (config.size() > ImageStore.MAX_DOCUMENT_BYTES) {
            throw RegistryException.corrupt("image configuration " + config.digest() + " is larger than 4 MiB");
        }
        try (InputStream in = client.blob(repository, config)) {
            byte[] bytes = in.readAllBytes();
            if (!config.digest().matches(config.digest().newMessageDigest().digest(bytes))) {
                throw RegistryException.corrupt("image config verification failed for digest " + config.digest());
            }
            return ImageStore.parseConfig(bytes).platform();
        }
    }

    /**
     * Checks credentials against the registry that they name.
     *
     * @throws Unauthorized when they are refused
     * @throws SystemFailure when the registry cannot be asked
     */
    public AuthResponse login(RegistryCredentials credentials) {
        try {
            return new AuthResponse(
                    "Login Succeeded", clients.login(credentials).orElse(""));
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    private static ApiException refusal(IOException failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        if (DestinationRefused.in(failure) != null) {
            return new Forbidden(message, failure);
        }
        int status = failure instanceof RegistryException refused ? refused.status() : 0;
        return switch (status) {
            case 400 -> new InvalidParameter(message, failure);
            case 401 -> new Unauthorized(message, failure);
            case 403 -> new Forbidden(message, failure);
            case 404 -> new NotFound(message, failure);
            default -> new SystemFailure(message, failure);
        };
    }
}

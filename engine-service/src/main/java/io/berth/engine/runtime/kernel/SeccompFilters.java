package io.berth.engine.runtime.kernel;

import io.berth.engine.runtime.ContainerLaunch.SeccompChoice;
import io.berth.engine.runtime.LaunchFailure;
import io.berth.engine.runtime.LaunchFailure.Kind;
import io.berth.json.Bounds;
import io.berth.linux.capability.CapabilitySet;
import io.berth.linux.seccomp.SeccompCompiler;
import io.berth.linux.seccomp.SeccompFilter;
import io.berth.linux.seccomp.SeccompProfile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Compiled seccomp filters, kept by profile and capabilities: compiling one takes longer than launching a container.
 * Thread-safe.
 */
final class SeccompFilters {
    private static final int MOST_KEPT = 64;
    private static final JsonMapper JSON = Bounds.REQUEST
            .mapper()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final SeccompCompiler compiler = SeccompCompiler.ofThisMachine();
    private final String defaultProfile = readDefaultProfile();

    private final Map<Key, SeccompFilter> filters = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, SeccompFilter> eldest) {
            return size() > MOST_KEPT;
        }
    };

    private record Key(String profile, CapabilitySet capabilities) {}

    /**
     * The filter for a process.
     *
     * @param capabilities that the process gets, since rules of a profile depend on them
     * @throws LaunchFailure when a profile of the user's is not valid
     */
    Optional<SeccompFilter> filterFor(SeccompChoice choice, CapabilitySet capabilities) {
        return switch (choice) {
            case SeccompChoice.Unconfined() -> Optional.empty();
            case SeccompChoice.Default() -> Optional.of(filter(defaultProfile, capabilities));
            case SeccompChoice.Custom(String json) -> Optional.of(filter(json, capabilities));
        };
    }

    private SeccompFilter filter(String profile, CapabilitySet capabilities) {
        synchronized (filters) {
            return filters.computeIfAbsent(new Key(profile, capabilities), this::compile);
        }
    }

    private SeccompFilter compile(Key key) {
        try {
            return compiler.compile(JSON.readValue(key.profile, SeccompProfile.class), key.capabilities);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new LaunchFailure(Kind.INVALID_PROCESS, "invalid seccomp profile: " + reason(e), e);
        }
    }

    private static @Nullable String reason(RuntimeException refused) {
        return refused instanceof JacksonException json ? Bounds.reason(json) : refused.getMessage();
    }

    private static String readDefaultProfile() {
        try (InputStream in = SeccompFilters.class.getResourceAsStream("seccomp-default.json")) {
            if (in == null) {
                throw new IllegalStateException("seccomp-default.json is missing from the engine's jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package io.berth.engine.secret;

import java.util.List;

/** Who uses secrets and configs: derived from containers, never counted. Thread-safe. */
public interface SecretUsers {
    /** Names of the containers, running or not, that use one. */
    List<String> containersUsing(Secret secret);
}

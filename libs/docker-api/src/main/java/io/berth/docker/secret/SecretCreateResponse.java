package io.berth.docker.secret;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What was made.
 *
 * <pre>{"ID": "ktnbjxoalbkvbvedmg1urrz8h"}</pre>
 */
public record SecretCreateResponse(@JsonProperty("ID") String id) {}

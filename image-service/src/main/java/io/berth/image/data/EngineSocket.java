package io.berth.image.data;

import java.nio.file.Path;

/** Where the node's engine listens. */
public record EngineSocket(Path path) {}

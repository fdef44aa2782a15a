package io.berth.image.data;

import java.time.Duration;

/** How long the parts of blobs are kept that broken pulls have left. */
public record PartialDownloads(Duration lifetime) {}

/**
 * Repositories: names and the rows that links, tags and manifests hang on.
 */
@NullMarked
package io.berth.registry.repository;

import org.jspecify.annotations.NullMarked;

/**
 * Manifests and indexes: validated, stored byte for byte, found by digest, tag or subject.
 */
@NullMarked
package io.berth.registry.manifest;

import org.jspecify.annotations.NullMarked;

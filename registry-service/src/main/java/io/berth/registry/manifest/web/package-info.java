/**
 * Manifest and referrers endpoints.
 */
@NullMarked
package io.berth.registry.manifest.web;

import org.jspecify.annotations.NullMarked;

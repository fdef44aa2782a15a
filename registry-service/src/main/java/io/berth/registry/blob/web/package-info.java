/**
 * Blob endpoints.
 */
@NullMarked
package io.berth.registry.blob.web;

import org.jspecify.annotations.NullMarked;

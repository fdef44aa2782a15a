/**
 * Upload endpoints.
 */
@NullMarked
package io.berth.registry.upload.web;

import org.jspecify.annotations.NullMarked;

/**
 * Wire records of the Engine API's sections for secrets and configs, which have the same shape.
 */
@NullMarked
package io.berth.docker.secret;

import org.jspecify.annotations.NullMarked;

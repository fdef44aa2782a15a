/**
 * What all of the Docker Engine API shares: its versions and its JSON.
 */
@NullMarked
package io.berth.docker;

import org.jspecify.annotations.NullMarked;

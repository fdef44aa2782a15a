/** Networks on the wire (Engine API). */
@NullMarked
package io.berth.docker.network;

import org.jspecify.annotations.NullMarked;

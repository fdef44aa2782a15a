/** Wire records of the Engine API's image endpoints. */
@NullMarked
package io.berth.docker.image;

import org.jspecify.annotations.NullMarked;

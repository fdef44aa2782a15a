/** Image load, save and import. */
@NullMarked
package io.berth.image.exchange.web;

import org.jspecify.annotations.NullMarked;

/**
 * Files of containers in the API.
 */
@NullMarked
package io.berth.engine.files.web;

import org.jspecify.annotations.NullMarked;

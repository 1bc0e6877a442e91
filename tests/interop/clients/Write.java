import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;

/**
 * Sends a file with the HTTP client of the JDK, and prints the status and the headers of the answer.
 *
 * <p>Usage: java Write.java METHOD ADDRESS FILE [NAME VALUE]...
 */
public final class Write {
    public static void main(String[] arguments) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(arguments[1]))
                        .method(
                                arguments[0],
                                HttpRequest.BodyPublishers.ofFile(Path.of(arguments[2])));
        for (int at = 3; at < arguments.length; at += 2) {
            request.header(arguments[at], arguments[at + 1]);
        }
        HttpResponse<String> response =
                HttpClient.newHttpClient()
                        .send(request.build(), HttpResponse.BodyHandlers.ofString());
        System.out.println(response.statusCode());
        response.headers()
                .map()
                .forEach((name, values) -> System.out.println(name + ": " + values.get(0)));
    }
}
